"""Engines of worker.py as processes, the drivers that are found, and how an engine is run on one driver."""
import glob
import json
import os
import signal
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
AT_LEAST_MS = 300  # of measured time a round, from the second on
PREPARE_S = 240  # for building and compiling a model, which no figure holds


class Failed(Exception):
    """A measurement that gave no time; the text says why."""


class TimedOut(Failed):
    def __init__(self, seconds):
        super().__init__(f"> {seconds:g} s")


class Worker:
    """An engine of worker.py, kept so that a round costs no start, and stopped between its turns: some go on computing when they have answered."""

    def __init__(self, label, python, kind, threads, driver=None, icd=None, subgroup=8):
        self.label, self.driver, self.icd = label, driver, icd
        self.command = [python, os.path.join(HERE, "worker.py"), kind, "--threads", str(threads), "--subgroup", str(subgroup)]
        self.process = None

    def measure(self, work, runs, timeout):
        if self.process is None:
            self.process = subprocess.Popen(
                self.command, env=environment_for(self.icd), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        else:
            self.process.send_signal(signal.SIGCONT)
        request = {"work": [work.name, work.batch, work.length], "runs": runs, "at_least_ms": AT_LEAST_MS if runs > 1 else 0}
        answer = self.ask(json.dumps(request), PREPARE_S)
        if "ready" in answer:
            answer = self.ask("", timeout * (1 + runs))
        self.process.send_signal(signal.SIGSTOP)
        if "error" in answer:
            raise Failed(answer["error"])
        return answer

    def ask(self, line, timeout):
        signal.signal(signal.SIGALRM, interrupt)
        signal.setitimer(signal.ITIMER_REAL, timeout)
        try:
            if line:
                self.process.stdin.write(line + "\n")
                self.process.stdin.flush()
            answer = self.process.stdout.readline()
        except TimeoutError as err:
            self.close()
            raise TimedOut(timeout) from err
        except BrokenPipeError:
            answer = ""
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
        if not answer:
            status = self.process.wait()
            self.process = None
            raise Failed(f"the process ended with status {status}")
        return json.loads(answer)

    def close(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


def interrupt(*_):
    raise TimeoutError


def environment_for(icd):
    env = dict(os.environ)
    if icd:
        env["VK_DRIVER_FILES"] = env["VK_ICD_FILENAMES"] = icd  # the second is the older loaders' name
    return env


def find_drivers(given):
    """Name to ICD file: what --driver gave, else the software drivers that are installed."""
    if given:
        drivers = dict(text.split("=", 1) for text in given)
    else:
        drivers = {}
        places = {
            "lavapipe": ["/usr/share/vulkan/icd.d/lvp_icd*.json", "/usr/local/share/vulkan/icd.d/lvp_icd*.json"],
            "SwiftShader": [os.path.join(ROOT, "build/drivers/*swiftshader_icd.json")],
        }
        for name, patterns in places.items():
            found = sorted(f for p in patterns for f in glob.glob(p))
            if found:
                drivers[name] = found[0]
    for name, icd in drivers.items():
        if not os.path.isfile(icd):
            sys.exit(f"bench: driver {name}: no file {icd}")
    return {name: os.path.abspath(icd) for name, icd in drivers.items()}
