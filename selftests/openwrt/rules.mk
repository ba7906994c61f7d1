# SPDX-License-Identifier: GPL-2.0
#
# Stands for what OpenWrt's tree has by this name: the machine that this runs on is
# the router. See the check openwrt of selftests/lint, which says where the
# package is built and installed.

CP := cp -a
INSTALL_DIR := install -d -m 755
INSTALL_BIN := install -m 755
INSTALL_CONF := install -m 600
TARGET_CONFIGURE_OPTS := CC=cc LDLIBS=
TARGET_CFLAGS := -O2
TARGET_CPPFLAGS := -DOPENWRT
TARGET_LDFLAGS := -s
HOSTCC := cc
# Kbuild is what the other checks run
KERNEL_MAKE := echo kernel:
