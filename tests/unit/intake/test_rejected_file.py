"""What is given back to be corrected opens in a spreadsheet without doing anything."""

import csv
import io

import openpyxl
import pytest

from hq.intake.imports import rejected_file

FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "＝1+1", "＠SUM(A1)", "\t=1", "\n=1"]


@pytest.mark.parametrize("formula", FORMULAS)
def test_neither_a_cell_nor_the_name_of_a_column_is_a_formula(formula):
    content = rejected_file.as_csv(["行", "原因", formula], [(2, formula, [formula])])
    cells = [cell for row in csv.reader(io.StringIO(content.decode("utf-8-sig"))) for cell in row]
    assert [cell for cell in cells if formula in cell] == [f"'{formula}"] * 3


@pytest.mark.parametrize("formula", FORMULAS)
def test_in_a_workbook_they_are_texts(formula):
    content = rejected_file.as_xlsx(["行", "原因", formula], [(2, "没有手机号", [formula])])
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    assert {sheet.cell(row, 3).data_type for row in (1, 2)} == {"s"}
