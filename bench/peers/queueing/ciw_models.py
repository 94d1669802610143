"""Queueing networks in Ciw.

Usage: ciw_models.py MODEL CUSTOMERS SEED, MODEL being mm1, mm8 or jackson. Prints one JSON object.
Ciw has no switch for its records; a node that adds to a sum in their place is the nearest to it.
"""

import json
import sys

import ciw


class Sums:
    left, services, sojourn = 0, 0, 0.0


class SummingNode(ciw.Node):
    def write_individual_record(self, individual):
        """Called when an individual leaves the node, with its dates in place."""
        Sums.services += 1
        if not hasattr(individual, "entered"):
            individual.entered = individual.arrival_date
        if individual.destination == -1:
            Sums.left += 1
            Sums.sojourn += individual.exit_date - individual.entered


def network(model):
    exponential = ciw.dists.Exponential
    if model == "jackson":
        return ciw.create_network(
            arrival_distributions=[exponential(0.5), None, None],
            service_distributions=[exponential(1.0)] * 3,
            routing=[[0.0, 0.5, 0.5], [0.2, 0.0, 0.0], [0.2, 0.0, 0.0]],
            number_of_servers=[1, 1, 1],
        )
    rate, servers = {"mm1": (0.8, 1), "mm8": (6.4, 8)}[model]
    return ciw.create_network(
        arrival_distributions=[exponential(rate)],
        service_distributions=[exponential(1.0)],
        number_of_servers=[servers],
    )


def main():
    model, customers, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    ciw.seed(seed)
    simulation = ciw.Simulation(network(model), node_class=SummingNode)
    simulation.simulate_until_max_customers(customers, method="Complete")
    arrived = simulation.nodes[0].number_of_individuals
    print(
        json.dumps(
            {
                "customers": Sums.left,
                "events": arrived + Sums.services,
                "mean_sojourn": Sums.sojourn / Sums.left,
            }
        )
    )


main()
