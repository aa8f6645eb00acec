"""The function that is deployed to an implementation which runs functions itself: passes its event on
to the referee and ends as the referee says. In Python because that starts soonest."""

import json
import os
from urllib.request import Request, urlopen


def handler(event, context):
    name = os.environ["REFEREE_NAME"]
    url = os.environ["REFEREE_URL"] + "/2015-03-31/functions/" + name + "/invocations"
    with urlopen(Request(url, json.dumps(event).encode(), method="POST")) as response:
        text = response.read().decode()
        failed = response.headers["x-amz-function-error"] is not None
    answer = None if text == "" else json.loads(text)
    if failed:
        raise RuntimeError(answer["errorMessage"])
    return answer
