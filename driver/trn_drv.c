// SPDX-License-Identifier: GPL-2.0-only
/*
 * Entry of the driver: PCI binding, open files, ioctl table.
 */
#include <linux/compat.h>
#include <linux/module.h>
#include <linux/pagemap.h>
#include <linux/pci.h>
#include <drm/drm_accel.h>
#include <drm/drm_drv.h>
#include <drm/drm_file.h>
#include <drm/drm_gem.h>
#include <drm/drm_ioctl.h>
#include <drm/trn_accel.h>

#include "base/trn_budget.h"
#include "base/trn_compat.h"
#include "base/trn_device.h"
#include "base/trn_user.h"
#include "mem/trn_gem.h"
#include "policy/trn_import.h"
#include "policy/trn_reset.h"
#include "queue/trn_queue.h"
#include "regs/trn_trnx.h"
#include "trn_drv.h"
#include "trn_ioctl.h"
#include "trn_mmap.h"
#include "vm/trn_vm.h"

static int trn_open(struct drm_device *drm, struct drm_file *file)
{
	struct trn_file *tfile = kzalloc(sizeof(*tfile), GFP_KERNEL_ACCOUNT);

	if (!tfile)
		return -ENOMEM;
	tfile->tables = trn_budget_create(TRN_MAX_TABLE_BYTES);
	tfile->user = trn_user_obtain(to_trn_device(drm));
	if (!tfile->tables || !tfile->user) {
		trn_user_put(tfile->user);
		trn_budget_put(tfile->tables);
		kfree(tfile);
		return -ENOMEM;
	}
	xa_init_flags(&tfile->queues, XA_FLAGS_ALLOC1 | XA_FLAGS_ACCOUNT);
	xa_init_flags(&tfile->vms, XA_FLAGS_ALLOC1 | XA_FLAGS_ACCOUNT);
	file->driver_priv = tfile;
	return 0;
}

static void trn_postclose(struct drm_device *drm, struct drm_file *file)
{
	struct trn_file *tfile = file->driver_priv;

	trn_queue_close_all(file);
	trn_vm_close_all(file);
	trn_user_put(tfile->user);
	trn_budget_put(tfile->tables);
	kfree(tfile);
}

static const struct drm_ioctl_desc trn_ioctls[] = {
	DRM_IOCTL_DEF_DRV(TRN_DEV_QUERY, trn_query_ioctl, 0),
	DRM_IOCTL_DEF_DRV(TRN_VM_CREATE, trn_vm_create_ioctl, 0),
	DRM_IOCTL_DEF_DRV(TRN_VM_DESTROY, trn_vm_destroy_ioctl, 0),
	DRM_IOCTL_DEF_DRV(TRN_VM_BIND, trn_vm_bind_ioctl, 0),
	DRM_IOCTL_DEF_DRV(TRN_BO_CREATE, trn_bo_create_ioctl, 0),
	DRM_IOCTL_DEF_DRV(TRN_BO_INFO, trn_bo_info_ioctl, 0),
	DRM_IOCTL_DEF_DRV(TRN_BO_USERPTR, trn_bo_userptr_ioctl, 0),
	DRM_IOCTL_DEF_DRV(TRN_QUEUE_CREATE, trn_queue_create_ioctl, 0),
	DRM_IOCTL_DEF_DRV(TRN_QUEUE_DESTROY, trn_queue_destroy_ioctl, 0),
	DRM_IOCTL_DEF_DRV(TRN_QUEUE_SUBMIT, trn_queue_submit_ioctl, 0),
	DRM_IOCTL_DEF_DRV(TRN_QUEUE_GET_STATE, trn_queue_get_state_ioctl, 0),
	DRM_IOCTL_DEF_DRV(TRN_QUEUE_NOTIFY, trn_queue_notify_ioctl, 0),
};

/*
 * The core copies results back after the call has taken effect, and returns -EFAULT if that
 * fails. So check before the call that the results can be written.
 */
static bool trn_ioctl_can_reply(unsigned int cmd, void __user *arg)
{
	return !(_IOC_DIR(cmd) & _IOC_READ) || !fault_in_safe_writeable(arg, _IOC_SIZE(cmd));
}

static long trn_ioctl(struct file *filp, unsigned int cmd, unsigned long arg)
{
	return trn_ioctl_can_reply(cmd, (void __user *)arg) ? drm_ioctl(filp, cmd, arg) : -EFAULT;
}

#ifdef CONFIG_COMPAT
static long trn_compat_ioctl(struct file *filp, unsigned int cmd, unsigned long arg)
{
	return trn_ioctl_can_reply(cmd, compat_ptr(arg)) ? drm_compat_ioctl(filp, cmd, arg) :
							    -EFAULT;
}
#else
#define trn_compat_ioctl NULL
#endif

static const struct file_operations trn_fops = {
	.owner = THIS_MODULE,
	.open = accel_open,
	.release = drm_release,
	.unlocked_ioctl = trn_ioctl,
	.compat_ioctl = trn_compat_ioctl,
	.poll = drm_poll,
	.read = drm_read,
	.llseek = noop_llseek,
	.mmap = trn_mmap,
	.show_fdinfo = drm_show_fdinfo,
	.fop_flags = FOP_UNSIGNED_OFFSET,
};

static const struct drm_driver trn_driver = {
	.driver_features = DRIVER_COMPUTE_ACCEL | DRIVER_GEM | DRIVER_GEM_GPUVA |
			   DRIVER_SYNCOBJ | DRIVER_SYNCOBJ_TIMELINE,
	.open = trn_open,
	.postclose = trn_postclose,
	.gem_prime_import = trn_import,
	.show_fdinfo = trn_gem_show_fdinfo,
	.ioctls = trn_ioctls,
	.num_ioctls = ARRAY_SIZE(trn_ioctls),
	.fops = &trn_fops,
	.name = "trn",
	.desc = "Trainium (software model)",
	TRN_DRIVER_DATE
	.major = 1,
	.minor = 2,
};

static int trn_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct trn_device *tdev;
	int ret;

	tdev = devm_drm_dev_alloc(&pdev->dev, &trn_driver, struct trn_device, drm);
	if (IS_ERR(tdev))
		return PTR_ERR(tdev);
	tdev->pdev = pdev;
	pci_set_drvdata(pdev, tdev);

	ret = trn_device_init(tdev);
	if (ret)
		return ret;
	trn_debugfs_init(&tdev->drm);
	ret = drm_dev_register(&tdev->drm, 0);
	if (ret)
		trn_device_fini(tdev);
	return ret;
}

static void trn_remove(struct pci_dev *pdev)
{
	struct trn_device *tdev = pci_get_drvdata(pdev);

	drm_dev_unplug(&tdev->drm);
	trn_device_fini(tdev);
}

/* Match the subsystem id of the model: a host with real chips never loads the driver. */
#define TRN_MODEL(id)	PCI_DEVICE_SUB(TRN_PCI_VENDOR_ID, id, TRNX_PCI_SUBVENDOR_ID, \
				       TRNX_PCI_SUBDEVICE_ID)

static const struct pci_device_id trn_ids[] = {
	{ TRN_MODEL(TRN_PCI_DEVICE_ID_TRN3) },
	{ TRN_MODEL(TRN_PCI_DEVICE_ID_TRN3_ALT) },
	{ TRN_MODEL(TRN_PCI_DEVICE_ID_TRN2) },
	{ }
};
MODULE_DEVICE_TABLE(pci, trn_ids);

static struct pci_driver trn_pci_driver = {
	.name = "trn",
	.id_table = trn_ids,
	.probe = trn_probe,
	.remove = trn_remove,
	.err_handler = &trn_err_handlers,
	.dev_groups = trn_sysfs_groups,
	.driver.pm = pm_sleep_ptr(&trn_pm_ops),
};

/* Not module_pci_driver(), because queues may be released after their device is gone. */
static int __init trn_module_init(void)
{
	int ret = trn_queue_module_init();

	if (ret)
		return ret;
	ret = pci_register_driver(&trn_pci_driver);
	if (ret)
		trn_queue_module_exit();
	return ret;
}

static void __exit trn_module_exit(void)
{
	pci_unregister_driver(&trn_pci_driver);
	trn_queue_module_exit();
}

module_init(trn_module_init);
module_exit(trn_module_exit);

MODULE_DESCRIPTION("Driver of the software Trainium");
MODULE_LICENSE("GPL");
