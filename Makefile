# SPDX-License-Identifier: GPL-2.0
#
# The verbs of this tree; each calls the script that does the work.

KDIR	?= /lib/modules/$(shell uname -r)/build
PREFIX	?= /usr/local
# 1: the module without its conntrack helper
HELPERLESS ?=
ifeq ($(HELPERLESS),1)
MODULE	:= SMTPGUARD_HELPERLESS=y
CHECK	:= selftests/check --helperless
else
MODULE	:=
CHECK	:= selftests/check
endif
SUITES	:= core fuzz rehearse records conf absence lint kunit soak insn net stream \
	   loss tool ynl mail smuggling smoke-6.1 smoke-backports

all: modules tool

modules:
	$(MAKE) -C $(KDIR) M=$(CURDIR) $(MODULE) modules

modules_install:
	$(MAKE) -C $(KDIR) M=$(CURDIR) modules_install

tool:
	$(MAKE) -C tools

install: modules_install
	$(MAKE) -C tools install PREFIX=$(PREFIX)

# Kbuild's own clean would walk through build/ and empty the systems there.
clean:
	find kmod selftests \( -name '*.o' -o -name '.*.cmd' -o -name '.*.d' \) \
		-delete
	rm -f smtpguard.ko smtpguard.o smtpguard.mod* .smtpguard.* \
		kmod/compat/have.h \
		.Module.symvers.cmd .modules.order.cmd Module.symvers \
		modules.order
	$(MAKE) -C tools clean

deps:
	selftests/deps

demo: deps
	selftests/demo/run

check: deps
	$(CHECK)

check-vm: deps
	$(CHECK) net stream loss tool mail smuggling

lint: check-lint

dist:
	packaging/dist

deb:
	packaging/deb

html: deps
	packaging/html

check-deb: deps
	selftests/deb/run $(RELEASE)

# Kernels, helper (with, without, both) and suites: all of them if none is named.
check-kernels: deps
	selftests/kernels $(KERNEL:%=--kernel %) $(HELPER:%=--helper %) $(SUITE)
	selftests/symbols $(KERNEL:%=--kernel %)

check-flavours: deps
	selftests/flavours $(KERNEL:%=--kernel %)

check-arches: deps
	selftests/arches/run $(ARCH)

symbols: deps
	selftests/symbols $(KERNEL:%=--kernel %)

series: deps
	packaging/series make

check-series: deps
	packaging/series check

# What is done to segments on purpose, and what befalls them.
check-stream: deps
	$(CHECK) stream loss

$(filter-out check-stream,$(SUITES:%=check-%)): check-%: deps
	$(CHECK) $*

soak: deps
	selftests/soak/run --seconds $(or $(TIME),600)

loss: deps
	selftests/vm/run --timeout 5400 selftests/stream/loss --sessions 100

smuggling: deps
	selftests/vm/run --timeout 3600 selftests/smuggling/run --every-cut

bench-core:
	selftests/bench/run-core

bench-insn: deps
	selftests/deps valgrind
	selftests/bench/run-insn

bench-path: deps
	selftests/bench/run-path

bench-log: deps
	selftests/bench/run-log

bench-rivals: deps
	selftests/bench/run-rivals

bench-scale: deps
	selftests/bench/run-scale

fuzz:
	TIME=$(TIME) HARNESS=$(HARNESS) ENGINE=$(ENGINE) selftests/fuzz/hunt

help:
	@echo 'make                  smtpguard.ko (KDIR=$(KDIR)) and the tool'
	@echo 'make HELPERLESS=1     the module without its conntrack helper'
	@echo 'make install          install both (PREFIX=$(PREFIX))'
	@echo 'make modules_install  install the module only'
	@echo 'make clean            remove what make built'
	@echo 'make demo             real mail through a guarded router, in a VM'
	@echo 'make dist             the sources of this version, in build/dist'
	@echo 'make deb              packages of Debian, in build/deb/packages'
	@echo 'make html             Documentation/ for browsers, in build/html'
	@echo 'make check-deb        what they do on clean systems, 40 minutes each; one: RELEASE=trixie'
	@echo 'make check            all tests; alone: $(SUITES:%=check-%) check-vm'
	@echo '                      in the VM without the helper: check-vm HELPERLESS=1'
	@echo 'make check-kernels    the suites of the VM on every kernel it knows, a row each, hours;'
	@echo '                      less: KERNEL=6.1 HELPER=without SUITE="net mail"'
	@echo 'make check-flavours   builds for real-time and cloud kernels'
	@echo 'make check-arches     the core on aarch64, armhf and s390x, the module for aarch64'
	@echo 'make symbols          what the module uses of each kernel, and how that differs'
	@echo 'make series           the module as patches for the kernel, in build/series/patches'
	@echo 'make check-series     has a kernel take them, build them and run their tests'
	@echo 'make soak TIME=600    mail while everything happens to the router'
	@echo 'make loss             goodput where packets are lost, with the guard and without'
	@echo 'make smuggling        check-smuggling with every cut, without the guard, too'
	@echo 'make bench-core       how fast the end of data is found, and against what'
	@echo 'make bench-insn       instructions for each kind of packet, and if they rose'
	@echo 'make bench-path       mail through the router, with the guard and without'
	@echo 'make bench-log        what the log of 10,000 sessions costs'
	@echo 'make bench-rivals     instructions on the router, and what others take'
	@echo 'make bench-scale      what 100,000 sessions take, and two processors bring'
	@echo 'make fuzz TIME=60     the protocol core under its fuzzers; HARNESS=client'
	@echo '                      alone, with AFL++: ENGINE=afl'
	@echo 'make lint             checkpatch, sparse, W=1, every supported kernel'

.PHONY: all modules modules_install tool install clean deps demo check lint \
	soak loss smuggling bench-core bench-insn bench-log bench-path \
	bench-rivals bench-scale fuzz check-vm $(SUITES:%=check-%) dist deb \
	check-deb check-kernels check-flavours check-arches symbols series \
	check-series \
	html help
