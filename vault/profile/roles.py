"""The offices that people hold, as profiles name them. A regulation's own word stands beside each in the profile."""

from enum import StrEnum


class Role(StrEnum):
    """What somebody is in the office."""

    OFFICER = "officer"  # 执法人员
    CUSTODIAN = "custodian"  # 保管人、管理人员
    SECTION_HEAD = "section-head"  # 科室、部门负责人
    LEGAL_OFFICE = "legal-office"  # 法制机构
    SUPERVISING_LEADER = "supervising-leader"  # 主管领导
    PRINCIPAL_LEADER = "principal-leader"  # 主要领导
    DESTRUCTION_SUPERVISOR = "destruction-supervisor"  # 监销人
    AUDITOR = "auditor"  # 审计人员
    OPERATOR = "operator"  # 系统运维人员: runs the storage, sees no content and approves nothing
