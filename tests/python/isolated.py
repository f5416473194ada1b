# SPDX-License-Identifier: Apache-2.0
"""Runs numbered pieces of work in processes of their own, so that one that dies or hangs costs one piece only."""
import multiprocessing
import multiprocessing.connection
import resource
import time
import warnings


def _work(pipe, indices, setup, run_one, memory):
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    warnings.simplefilter("ignore")
    state = setup()
    for i in indices:
        pipe.send((i, False, None))
        pipe.send((i, True, run_one(state, i)))
    pipe.send(None)


def run(count, setup, run_one, on_death, jobs=2, seconds=120, memory=8 << 30):
    """[run_one(setup(), i) for i in range(count)]; on_death(text) stands for a piece whose process died or hung.

    Processes are forked: `setup` runs in the child, everything else that it refers to was made before.
    """
    context = multiprocessing.get_context("fork")
    results = [None] * count

    def start(indices):
        here, there = context.Pipe(duplex=False)
        process = context.Process(target=_work, args=(there, indices, setup, run_one, memory), daemon=True)
        process.start()
        there.close()
        return {"process": process, "pipe": here, "left": list(indices), "since": time.monotonic()}

    workers = [start(range(k, count, jobs)) for k in range(jobs) if k < count]
    while workers:
        multiprocessing.connection.wait([w["pipe"] for w in workers], timeout=1)
        for worker in list(workers):
            died, ended = None, False
            try:
                while not ended and worker["pipe"].poll():
                    message = worker["pipe"].recv()
                    worker["since"] = time.monotonic()
                    ended = message is None
                    if not ended and message[1]:
                        results[message[0]] = message[2]
                        worker["left"].remove(message[0])
            except EOFError:
                worker["process"].join()
                died = f"the process ended with status {worker['process'].exitcode}"
            if not died and not ended and time.monotonic() - worker["since"] > seconds:
                worker["process"].kill()
                worker["process"].join()
                died = f"no end after {seconds} s"
            if died and worker["left"]:
                results[worker["left"].pop(0)] = on_death(died)
            if died or ended:
                workers.remove(worker)
                if worker["left"]:
                    workers.append(start(worker["left"]))
    return results
