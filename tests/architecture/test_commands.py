"""A command runs in a process that has imported nothing else."""

import subprocess
import sys

ASK = """
import wsgi
from shared.db.base import Base
wsgi.Commands()._of_features()
print(sum(key.column is not None for table in Base.metadata.tables.values() for key in table.foreign_keys))
"""


def test_a_command_knows_every_table_that_a_table_refers_to():
    done = subprocess.run([sys.executable, "-c", ASK], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-400:]
    assert int(done.stdout) > 50
