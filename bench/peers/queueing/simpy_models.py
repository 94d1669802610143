"""Queueing networks in SimPy: a process per customer, a resource per station.

Usage: simpy_models.py MODEL CUSTOMERS SEED, MODEL being mm1, mm8 or jackson. Prints one JSON
object. Nothing is recorded but a sum.
"""

import json
import random
import sys

import simpy

# Rate of arrivals, servers of each station.
MODELS = {"mm1": (0.8, [1]), "mm8": (6.4, [8]), "jackson": (0.5, [1, 1, 1])}


class Network:
    def __init__(self, model, customers, seed):
        self.arrival_rate, servers = MODELS[model]
        self.jackson = model == "jackson"
        self.customers = customers
        self.env = simpy.Environment()
        self.stations = [simpy.Resource(self.env, capacity=n) for n in servers]
        rng = random.Random(seed)
        self.exponential, self.uniform = rng.expovariate, rng.random
        self.left, self.events, self.sojourn = 0, 0, 0.0

    def source(self):
        env = self.env
        for _ in range(self.customers):
            yield env.timeout(self.exponential(self.arrival_rate))
            self.events += 1
            env.process(self.customer())

    def customer(self):
        env = self.env
        entered = env.now
        station = 0
        while station is not None:
            with self.stations[station].request() as request:
                yield request
                yield env.timeout(self.exponential(1.0))
            self.events += 1
            station = self.next(station)
        self.left += 1
        self.sojourn += env.now - entered

    def next(self, station):
        """Where a customer goes next; None for out."""
        if not self.jackson:
            return None
        if station == 0:
            return 1 if self.uniform() < 0.5 else 2
        return 0 if self.uniform() < 0.2 else None


def main():
    model, customers, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    network = Network(model, customers, seed)
    network.env.process(network.source())
    network.env.run()
    mean = network.sojourn / network.left
    print(json.dumps({"customers": network.left, "events": network.events, "mean_sojourn": mean}))


main()
