"""Latency profiles, fitted to recorded runs."""

from __future__ import annotations

from voicelab.calibration.calibrate import Calibration, calibrate
from voicelab.calibration.profile_file import profile_yaml, save_profile
from voicelab.calibration.report import Quantity

__all__ = ["Calibration", "Quantity", "calibrate", "profile_yaml", "save_profile"]
