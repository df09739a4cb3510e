"""What the verbs of the trail are called in Chinese: `plan.allocate` is 计划·分配. In English the verb itself is readable."""

from __future__ import annotations

OBJECTS = {
    "account": "账户", "aggregate": "汇总数", "auth": "登录", "calendar": "工作日历", "check_plan": "年度抽查计划", "case": "核查处置", "draw": "抽取", "indicator": "指标", "jobs": "后台任务",
    "ledger": "公示", "plan": "计划", "problem": "问题", "publication": "公示稿", "refusal": "拒绝检查", "transfer": "无法联系的移送", "register": "名录", "registers": "名录", "result": "检验结果", "rulebook": "规则库",
    "sample": "样品", "task": "抽查任务", "upload": "上传", "uploads": "上传", "visit": "检查", "draws": "抽取", "audit": "审计", "system": "系统",
    "registers.conflict": "回避", "registers.department": "部门", "registers.enterprise": "检查对象", "registers.inspector": "检查人员", "registers.item": "抽查事项",
    "registers.laboratory": "检验机构", "registers.limit": "限量", "registers.population": "人口", "registers.region": "行政区划", "registers.test_item": "检验项目",
}  # fmt: skip
VERBS = {
    "add": "增加", "add_version": "增加版本", "allocate": "分配", "announce": "公布放假安排", "apply": "导入", "ask_extension": "申请延期", "approve": "批准", "assign_laboratories": "安排承检机构", "begin": "开始执行",
    "backup": "备份", "bulletin": "公布通告", "call": "公布递补", "call_reserve": "递补候补", "cancel": "取消", "capacity": "设置能力", "check_plan": "公布年度抽查计划", "check_task": "公布抽查任务", "change_password": "修改口令", "check_in": "签到", "note_contact": "登记联系经过", "check_out": "签退", "close": "结案", "closing": "结案", "commit": "承诺",
    "commitment": "公布承诺", "complete": "完成", "configure": "修改方案", "confirm": "重新验证身份", "control": "产品控制", "copy": "复制", "cause": "原因排查", "correct": "更正",
    "correction": "公布更正", "create": "建立", "create_token": "建立令牌", "decline_swap": "不同意换人", "decline_extension": "不同意延期", "disable": "停用", "done": "完成", "draft": "起草",
    "enable": "启用", "end_sessions": "退出其他会话", "enqueue": "提交任务", "enrol": "绑定动态码", "enrol_totp": "绑定动态码", "enter": "录入", "enter_external": "录入外来数值",
    "enter_value": "录入公开数", "export": "导出", "fail_recheck": "复查不合格", "final": "确定结论", "freeze": "冻结", "grant": "设置岗位", "grant_extension": "批准延期", "hand_over": "移交", "items": "公布事项清单", "join": "并入已有任务", "link": "绑定统一身份", "list": "得出名单",
    "load": "载入", "merge": "合并", "no_penalty": "不予处罚", "objection": "登记异议", "open": "立案", "open_waiting": "为待立案的报告立案", "open_list": "查看保密名单", "outcome": "登记结局", "penalty": "行政处罚",
    "plan": "公布计划", "preview": "预览底册", "publish": "公布", "recall": "撤回移交", "receive": "收样", "received": "收样", "recheck": "复查", "record": "登记", "rectification": "整改", "refresh": "重新计算",
    "refused": "拒收", "remove_totp": "解除动态码", "repeat": "再次录入", "request_swap": "申请换人", "request_void": "申请作废", "refuse_void": "不同意作废或撤回作废申请", "rename": "改名", "reset_password": "重置口令", "restore": "恢复", "retire_scheme": "停用底册方案", "result": "公布结果",
    "return": "退回", "reveal": "揭示", "review": "审核", "revise": "建立新版本", "revoke_token": "作废令牌", "save": "保存草稿", "save_scheme": "保存底册方案", "scope": "设置范围", "seal": "封样", "served": "送达通知", "set": "登记", "settle": "办结", "supplement": "公布补充抽取",
    "set_margins": "确定边际", "set_rates": "设置比例表", "setup_token": "首次设置", "sign_in": "登录", "sign_out": "退出", "state": "变更状态", "snapshot": "留存快照", "submit": "提交", "swap": "更换检查人员", "take": "抽样",
    "transfer": "移送通报", "unlink": "解除统一身份", "unrevealed": "逾期未揭示", "update": "修改", "upload": "上传", "void": "作废", "veiled": "保密事件", "withdraw": "撤回", "withdrawal": "公布撤回",
    "withdraw_version": "撤回未生效版本", "write": "登记", "verify": "核验",
    "deposit": "托管密值", "return_secret": "交回密值",
    "attach": "添加附件", "attach_again": "再次发送附件", "resend": "再次发送", "sign": "签字", "void_attachment": "作废附件",
}  # fmt: skip


def label(verb: str) -> str:
    """The Chinese words of a verb; what is not known stays as it is written.

    >>> label("plan.allocate"), label("registers.limit.add"), label("refused.plans.approve")
    ('计划·分配', '限量·增加', 'refused.plans.approve')
    """
    kind, _, word = verb.rpartition(".")
    return f"{OBJECTS[kind]}·{VERBS[word]}" if kind in OBJECTS and word in VERBS else verb
