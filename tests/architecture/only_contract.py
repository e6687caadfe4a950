"""An import-linter contract: modules that may import only what is listed, whatever else comes into being."""

from __future__ import annotations

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output

_OURS = ("hq", "dealer", "content_library", "shared", "wsgi", "tests")


class OnlyContract(Contract):
    """`modules` (with what is in them) import of ours only `may_import` and each other."""

    modules = fields.ListField(subfield=fields.StringField())
    may_import = fields.ListField(subfield=fields.StringField())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        del verbose
        allowed = [*self.modules, *self.may_import]
        broken = [
            f"{module} imports {imported}"
            for module in sorted(graph.modules)
            if _within(module, self.modules)
            for imported in sorted(graph.find_modules_directly_imported_by(module))
            if _within(imported, _OURS) and not _within(imported, allowed)
        ]
        return ContractCheck(kept=not broken, metadata={"broken": broken})

    def render_broken_contract(self, check: ContractCheck) -> None:
        for line in check.metadata["broken"]:
            output.print_error(line)


def _within(module: str, packages: list[str] | tuple[str, ...]) -> bool:
    return any(module == package or module.startswith(f"{package}.") for package in packages)
