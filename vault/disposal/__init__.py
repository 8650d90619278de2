"""Disposal (处置): the lawful end of records, agreed by people. rules.py says who may do what when; begin there."""
