# SPDX-License-Identifier: GPL-2.0
#
# Stands for what OpenWrt's tree has by this name.

define BuildPackage
$(eval $(call Package/$(1)))
$(info $(1) $(PKG_VERSION): $(SECTION): $(DEPENDS): $(strip $(Package/$(1)/conffiles)))
endef

.PHONY: package
package:
	$(call Build/Prepare)
	$(call Build/Compile)
	$(call Package/smtpguard/install,$(DESTDIR))
