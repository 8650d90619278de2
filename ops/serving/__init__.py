"""`strongroom serve`: a vault that looks after itself.

    schedules   when a job is due, by interval or by the office's calendar
    jobs        the table of jobs: what each is for, when, what right it takes
    upkeep …    what they do: thin calls of what the commands call
    loop        claims what is due (vault/catalogue/jobs.py), keeps the leases, enters how it ended
    lookout     how the stores are, seen by threads that may hang without anybody waiting for them
    http        /metrics, /healthz, /readyz
    systemd     what the service tells its manager

Several services may run over one vault, on one machine or, with a catalogue that takes it, on several.
"""
