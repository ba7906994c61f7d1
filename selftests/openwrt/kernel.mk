# SPDX-License-Identifier: GPL-2.0
#
# Stands for what OpenWrt's tree has by this name.

AutoProbe = probe $(1)

define KernelPackage
$(eval $(call KernelPackage/$(1)))
$(info kmod-$(1) $(PKG_VERSION): $(DEPENDS): $(FILES): $(AUTOLOAD))
$(eval DEPENDS :=)
endef
