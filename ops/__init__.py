"""People and machines: command line, configuration, wiring, metrics, the demonstration. Only this room wires."""
