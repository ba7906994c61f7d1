#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# probe.sh HEADER COMPILER FLAG...: tells by HEADER what the kernel has for which
# these are the compiler and the flags.
#
# Each have_*.c beside this file compiles only where the feature is there that it
# is named for.  So a feature that was ported back to an older kernel, or left out
# of a newer one, is found as well.  Where it is not there the compiler must
# complain of the probe itself: whatever else stops it says nothing about the
# kernel, and is an error.  So a probe uses no macro, of which the compiler would
# complain where that is defined.
set -u
export LC_ALL=C

sources=$(dirname "$0")
header=$1
shift
complaints=$header.complaints
unfinished=$header.unfinished

stop()
{
	echo "smtpguard: $1" >&2
	[ ! -s "$complaints" ] || cat "$complaints" >&2
	rm -f "$complaints" "$unfinished" "$header"
	exit 1
}

compile()
{
	"$@" -fsyntax-only "$source" >"$complaints" 2>&1
}

# Not of a header that it includes, nor of the compiler.
complains_of_probe()
{
	grep -qE '(^|/)compat/'"${source##*/}"':[0-9:]+ (fatal )?error: ' "$complaints" &&
		! grep -E '^[^ ]+: (fatal |internal compiler )?error: ' "$complaints" |
		grep -qvE '(^|/)compat/'"${source##*/}"':'
}

mkdir -p "$(dirname "$header")" || exit 1
source=$sources/control_good.c
compile "$@" || stop "no probe compiles for this kernel:"
source=$sources/control_bad.c
! compile "$@" || stop "the compiler takes a call of a function that no kernel has"
complains_of_probe || stop "the compiler does not say what is wrong with a probe:"

{
	echo "/* SPDX-License-Identifier: GPL-2.0 */"
	echo "/* By kmod/compat/probe.sh, of the kernel that the module is built for. */"
} >"$unfinished"
for source in "$sources"/have_*.c; do
	name=$(basename "$source" .c | tr '[:lower:]' '[:upper:]')
	if compile "$@"; then
		echo "#define COMPAT_$name"
	elif complains_of_probe; then
		echo "/* no COMPAT_$name */"
	else
		stop "$source tells nothing of this kernel:"
	fi >>"$unfinished"
done

# What is the same keeps its time stamp, and what depends on it its objects.
rm -f "$complaints"
if cmp -s "$unfinished" "$header"; then
	rm "$unfinished"
else
	mv "$unfinished" "$header"
fi
