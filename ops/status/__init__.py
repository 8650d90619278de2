"""`strongroom status`: what an operator has to know at a glance.

health.py gathers it, findings.py says what is to be done about it, screen.py shows both.
"""
