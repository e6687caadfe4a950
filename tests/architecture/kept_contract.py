"""An import-linter contract: libraries that only the listed modules may import."""

from __future__ import annotations

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output


class KeptContract(Contract):
    """`libraries` are imported by nobody but `modules` and what is in them."""

    modules = fields.ListField(subfield=fields.StringField())
    libraries = fields.ListField(subfield=fields.StringField())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        del verbose
        broken = [
            f"{module} imports {library}"
            for library in self.libraries
            if library in graph.modules
            for module in sorted(graph.find_modules_that_directly_import(library))
            if not any(module == kept or module.startswith(f"{kept}.") for kept in self.modules)
        ]
        return ContractCheck(kept=not broken, metadata={"broken": broken})

    def render_broken_contract(self, check: ContractCheck) -> None:
        for line in check.metadata["broken"]:
            output.print_error(line)
