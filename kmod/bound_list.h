/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How long final replies to ends of data take: id, the end of a counter's name,
 * the most microseconds that count for it, and the same in seconds, as Prometheus
 * writes them.  In ascending order; the last takes all that took longer.  A
 * client waits 600 seconds (RFC 5321 section 4.5.3.2.6).
 *
 * Who includes this defines BOUND.  There is no guard: each include is another
 * use.
 */
BOUND(100MS, "100ms", 100000, "0.1")
BOUND(300MS, "300ms", 300000, "0.3")
BOUND(1S, "1s", 1000000, "1")
BOUND(3S, "3s", 3000000, "3")
BOUND(10S, "10s", 10000000, "10")
BOUND(30S, "30s", 30000000, "30")
BOUND(60S, "60s", 60000000, "60")
BOUND(120S, "120s", 120000000, "120")
BOUND(300S, "300s", 300000000, "300")
BOUND(600S, "600s", 600000000, "600")
BOUND(LATER, "later", U64_MAX, "+Inf")

#undef BOUND
