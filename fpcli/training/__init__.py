"""Learning and measuring: samples, losses, the loop, calibration, the bundle it leaves."""
