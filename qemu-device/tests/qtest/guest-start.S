/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From the reset vector to guest_main() in 64-bit mode, with 512 GiB mapped one to
 * one: a machine of which nothing depends on firmware or kernel.
 */
#define BIOS		0xf0000
#define PML4		0x10000
#define PDPT		0x11000
#define STACK		0x9000
#define STACK_AP	0xa000
#define CODE32		0x08
#define DATA		0x10
#define CODE64		0x18
#define MSR_EFER	0xc0000080
#define MSR_APIC_BASE	0x1b

	.section .text.start, "ax"
	.code16
start16:
	cli
	movw	$(BIOS >> 4), %ax
	movw	%ax, %ds
	lgdtl	gdt_pointer - BIOS
	movl	%cr0, %eax
	orl	$1, %eax
	movl	%eax, %cr0
	ljmpl	$CODE32, $start32

	.code32
start32:
	movw	$DATA, %ax
	movw	%ax, %ds
	movw	%ax, %es
	movw	%ax, %ss
	/* One table of 1 GiB pages: present, writable, large. */
	movl	$(PDPT | 3), PML4
	movl	$0, PML4 + 4
	xorl	%ecx, %ecx
1:	movl	%ecx, %eax
	shll	$30, %eax
	orl	$0x83, %eax
	movl	%eax, PDPT(,%ecx,8)
	movl	%ecx, %eax
	shrl	$2, %eax
	movl	%eax, PDPT + 4(,%ecx,8)
	incl	%ecx
	cmpl	$512, %ecx
	jne	1b
	movl	%cr4, %eax
	orl	$0x20, %eax
	movl	%eax, %cr4
	movl	$PML4, %eax
	movl	%eax, %cr3
	movl	$MSR_EFER, %ecx
	rdmsr
	orl	$0x100, %eax
	wrmsr
	movl	%cr0, %eax
	orl	$0x80000000, %eax
	movl	%eax, %cr0
	ljmpl	$CODE64, $start64

	.code64
start64:
	movl	$MSR_APIC_BASE, %ecx
	rdmsr
	testl	$0x100, %eax
	jz	2f
	movq	$STACK, %rsp
	call	guest_main
1:	hlt
	jmp	1b
	/* No bootstrap processor: started by guest_main(), at the beginning. */
2:	movq	$STACK_AP, %rsp
	call	guest_ap
	jmp	1b

	.balign	8
gdt:
	.quad	0
	.quad	0x00cf9a000000ffff
	.quad	0x00cf92000000ffff
	.quad	0x00af9a000000ffff
gdt_pointer:
	.word	. - gdt - 1
	.long	gdt

	.section .reset, "ax"
	.code16
	ljmp	$(BIOS >> 4), $(start16 - BIOS)
	.balign	16

	.section .note.GNU-stack, "", @progbits
