"""Bodies as sources post them: a reading, a tip, a CAP message."""

import orjson

RAIN = {
    "sensor_id": "RG-1",
    "metric": "rain",
    "value": 0.1,
    "unit": "mm",
    "occurred_at": "2026-07-16T11:55:00Z",
}
TIP = {"text": "石桥社区煤气味很大", "occurred_at": "2026-07-16T20:00:00+08:00"}
CAP = """<?xml version="1.0" encoding="UTF-8"?>
<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">
  <identifier>50010841600000_20260716195500</identifier><sender>南岸区气象台</sender>
  <sent>2026-07-16T19:55:00+08:00</sent><status>{status}</status><msgType>{type}</msgType>
  <scope>Public</scope>
  <info><language>zh-CN</language><category>Met</category><event>暴雨</event>
    <urgency>Immediate</urgency><severity>Severe</severity><certainty>Likely</certainty>
    <headline>南岸区气象台发布暴雨橙色预警[II级/严重]</headline>
    <area><areaDesc>{area}</areaDesc>
      <geocode><valueName>CPEAS Geographic Code</valueName><value>{code}</value></geocode>
    </area></info>
</alert>"""


def j(value: object) -> bytes:
    return orjson.dumps(value)


def cap(**parts: str) -> bytes:
    told = {"status": "Actual", "type": "Alert", "area": "南岸区", "code": "500108000000"}
    return CAP.format(**{**told, **parts}).encode()
