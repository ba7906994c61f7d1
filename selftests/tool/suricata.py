# SPDX-License-Identifier: GPL-2.0
"""What Suricata's schema of EVE JSON, version 8, has of the records that
smtpguard writes. It is strict: no object may have another member."""

import re

TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+[+-]\d+")

# Members of an object by their types: what a list holds stands in a list.
RECORD = {
    "timestamp": str, "event_type": str, "flow_id": int, "src_ip": str,
    "src_port": int, "dest_ip": str, "dest_port": int, "proto": str,
    "community_id": str, "app_proto": str, "tx_id": int, "log_level": str,
    "smtp": {"helo": str, "mail_from": str, "rcpt_to": [str]},
    "tls": {"sni": str, "version": str},
    "alert": {"action": str, "gid": int, "signature_id": int, "rev": int,
              "signature": str, "category": str, "severity": int},
    "anomaly": {"type": str, "event": str, "layer": str},
    "verdict": {"action": str, "reject_target": str, "reject": [str]},
    "flow": {"bytes_toserver": int, "bytes_toclient": int, "start": str,
             "end": str, "age": int, "state": str, "tx_cnt": int},
    "engine": {"message": str, "module": str},
}


def _check(value, kind, name):
    if isinstance(kind, dict):
        assert isinstance(value, dict), (name, value)
        assert set(value) <= set(kind), (name, set(value) - set(kind))
        for member in value:
            _check(value[member], kind[member], f"{name}.{member}")
    elif isinstance(kind, list):
        assert isinstance(value, list) and value, (name, value)
        for item in value:
            _check(item, kind[0], name)
    else:
        # True is an int to Python, not to JSON.
        assert type(value) is kind, (name, value)  # pylint: disable=C0123


def check(record):
    """A record, without the object "smtpguard"."""
    _check(record, RECORD, "record")
    assert TIMESTAMP.fullmatch(record["timestamp"]), record
    assert record["event_type"] in ("engine", *record), record
