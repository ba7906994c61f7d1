# SPDX-License-Identifier: GPL-2.0
"""What all emulated machines have in common."""

# A processor whose string instructions are fast, as it says, has kernel and libc
# copy octet by octet with them: slow where they are emulated, and as many
# instructions as octets where these are counted.
PROCESSOR = "max,-erms,-fsrm"
RUNNING = ["-accel", "tcg,thread=multi", "-smp", "2", "-cpu", PROCESSOR]
