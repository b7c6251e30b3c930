"""The roles people hold (domain.md A.3, D.1, D.2): who is called, and who may act."""

from enum import StrEnum


class Role(StrEnum):
    """A responsibility in the district's chain. Chinese names are in the pack's templates."""

    DUTY_OFFICER = "DO"
    DUTY_LEADER = "DL"
    DISTRICT_CHIEF = "DC"
    DEPUTY_IN_CHARGE = "DV"
    EMERGENCY_BUREAU_HEAD = "EB"
    SECTOR_HEAD = "SH"
    TOWN_PRINCIPAL = "TP"
    TOWN_DUTY = "TD"
    AREA_LEAD = "AL"
    VILLAGE_SECRETARY = "VS"
    GRID_WORKER = "GW"
    POINT_MONITOR = "PM"
    RESIDENT_GEOLOGIST = "RG"
    TECH_MANAGER = "TM"
    THREE_RESPONSIBLE = "R3"
    UNIT_RESPONSIBLE = "UR"
    HOUSEHOLD_LEAD = "HL"
    RESCUE_TEAM = "RT"
    GAS_DUTY = "GAS"
    FIRE_BRIGADE = "FIRE"
    TRAFFIC_POLICE = "TRAFFIC"
    POWER_DUTY = "POWER"
    MARITIME = "MARITIME"
    COMMANDER = "COMMANDER"
    OPERATOR = "OPERATOR"
    AUDITOR = "AUDITOR"
