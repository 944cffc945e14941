"""The only code that knows the order of the stages.

    poll       due sources -> fetch -> listing -> entries stored with the validators, in one transaction
    analyse    waiting entries -> fetch page -> extract, detect, sign (workers) -> place -> finding, story, deliveries, in one transaction
    notify     owed deliveries -> send -> sent, or again later, in one transaction each
    prune      what is kept no longer

Work is claimed by leases and finished by writes that name the owner: kill the process anywhere, start it again, nothing is lost and
nothing happens twice. Network and CPU run in parallel; placing runs one article at a time, oldest first.
"""
