"""registry_api.py - one call of a schema registry's REST API."""

import http.client
import json
import urllib.parse

TIMEOUT_S = 30
CONTENT_TYPE = "application/vnd.schemaregistry.v1+json"


class Answer:
    """Status 0: the connection was closed, or refused, without an answer."""

    def __init__(self, status, headers, text):
        self.status, self.headers, self.text = status, headers, text
        try:
            self.body = json.loads(text)
        except ValueError:
            self.body = None

    @property
    def code(self):
        return self.body.get("error_code") if isinstance(self.body, dict) else None


def call(url, method, path, body=None, headers=None):
    """`path` is percent-encoded and follows the path of `url`; `body` is JSON, or bytes as is."""
    base = urllib.parse.urlsplit(url)
    if body is not None and not isinstance(body, bytes):
        body = json.dumps(body).encode()
    connection = http.client.HTTPConnection(base.netloc, timeout=TIMEOUT_S)
    try:
        connection.request(method, base.path + path, body,
                           {"Content-Type": CONTENT_TYPE, **(headers or {})})
        answer = connection.getresponse()
        text = answer.read().decode("utf-8", "replace")
        return Answer(answer.status, dict(answer.getheaders()), text)
    except (ConnectionError, http.client.HTTPException):
        return Answer(0, {}, "")
    finally:
        connection.close()


def get(url, path):
    return call(url, "GET", path)


def quoted(subject):
    return urllib.parse.quote(subject, safe="")


def holdings(url):
    """Everything: {subject: {version: (id, schema)}}; None while it does not answer."""
    listed = get(url, "/subjects")
    if listed.status != 200:
        return None
    out = {}
    for subject in listed.body:
        path = f"/subjects/{quoted(subject)}/versions"
        out[subject] = {}
        for version in get(url, path).body:
            body = get(url, f"{path}/{version}").body
            out[subject][version] = (body["id"], body["schema"])
    return out
