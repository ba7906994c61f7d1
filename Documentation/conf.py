# SPDX-License-Identifier: GPL-2.0
"""What Sphinx is told of these pages; packaging/html puts them together."""

import os

# pylint: disable=invalid-name
project = "smtpguard"
version = release = os.environ.get("SMTPGUARD_VERSION", "")
extensions = []
exclude_patterns = ["netlink"]
html_theme = "alabaster"
html_theme_options = {"page_width": "70em", "sidebar_width": "16em"}
html_sidebars = {"**": ["about.html", "globaltoc.html", "searchbox.html"]}
html_show_copyright = False
# A block is what one types or sees, in no language.
highlight_language = "none"
# A table has words of C and of SMTP, which are no prose.
smartquotes = False
# Types of C's and the kernel's have no page here.
nitpick_ignore_regex = [("c:.*", ".*")]
