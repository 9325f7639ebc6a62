"""How fast archives are read and hunts run, as ratios that mean the same on any machine."""
