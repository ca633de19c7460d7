"""Onboards a customer with a client that is generated from the gateway's OpenAPI document.

python3 onboard.py <reference> <email> <full name>

Prints the registration for the customer's device, then the outcome: a JSON object a line.
"""

import json
import os
import sys
from typing import TypeVar

import httpx
from onboarding_gateway_client import AuthenticatedClient
from onboarding_gateway_client.api.onboarding import get_onboarding, get_result
from onboarding_gateway_client.api.onboardings import start_onboarding
from onboarding_gateway_client.models import Contact, Onboarding, Problem, ProblemCode, Result, StartRequest

WAIT_S = 30

T = TypeVar("T")


class Rejected(Exception):
    """The gateway responded with a problem document (RFC 9457)."""

    def __init__(self, problem: Problem) -> None:
        wrong = [f"{error.field}: expected {error.expected}" for error in problem.errors or []]
        super().__init__("; ".join(wrong) or problem.detail)
        self.code = problem.code


def successful(answer: T | Problem | None) -> T:
    if isinstance(answer, Problem):
        raise Rejected(answer)
    if answer is None:
        raise RuntimeError("the OpenAPI document does not describe the response")
    return answer


def result_of(client: AuthenticatedClient, reference: str) -> Result:
    """Waits for the decision. Each request waits at the gateway, which answers as soon as there is one."""
    while True:
        answer = get_result.sync(reference, client=client, wait=WAIT_S)
        if not (isinstance(answer, Problem) and answer.code is ProblemCode.NOTDECIDED):
            return successful(answer)


def onboard(client: AuthenticatedClient, reference: str, email: str, full_name: str) -> None:
    request = StartRequest(
        reference=reference,
        project=os.environ["VERIFIK_PROJECT"],
        project_flow=os.environ["VERIFIK_PROJECT_FLOW"],
        contact=Contact(email=email),
        full_name=full_name,
    )
    registration = successful(start_onboarding.sync(client=client, body=request))
    print(json.dumps({"id": registration.id, "token": registration.token}), flush=True)
    result = result_of(client, reference)
    snapshot: Onboarding = successful(get_onboarding.sync(reference, client=client))
    checks = snapshot.checks
    statuses = {"email": checks.email.status, "document": checks.document.status, "biometric": checks.biometric.status}
    print(json.dumps({"outcome": result.outcome, "reason": result.reason, "checks": statuses}))


if __name__ == "__main__":
    # The client's own time limit is 5 s.
    with AuthenticatedClient(
        base_url=os.environ["GATEWAY_URL"], token=os.environ["GATEWAY_API_KEY"], timeout=httpx.Timeout(2 * WAIT_S)
    ) as gateway:
        try:
            onboard(gateway, *sys.argv[1:])
        except Rejected as rejected:
            sys.exit(f"{rejected.code}: {rejected}")
