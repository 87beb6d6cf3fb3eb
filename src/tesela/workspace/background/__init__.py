"""Work that takes long, done beside whoever asks: with progress, stopped at will, taken up again after a crash."""

from tesela.workspace.background.job import Job, State
from tesela.workspace.background.queue import Background, Progress, Stopped, Work
from tesela.workspace.background.timetable import Timetable

__all__ = ["Background", "Job", "Progress", "State", "Stopped", "Timetable", "Work"]
