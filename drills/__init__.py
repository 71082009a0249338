"""Fire drills: what the guarantees promise, tried on real Kafka, processes and databases while they are being broken.

Each drill is a function that takes a stage and its size, breaks something while events flow, waits until all is
settled and returns a row: what was accepted must be what was counted, dead-lettered or is still spooled, to the event.
``python -m drills`` runs them at full size; the tests run them small.
"""
