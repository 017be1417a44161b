"""HTTP to a service of ours, where every trouble is one line that says what to do."""

from types import TracebackType
from typing import Any, Self

import httpx

from services.cli.environment import token, url
from services.cli.problem import CliError

TIMEOUT_S = 60.0
"""A batch waits for the broker's acknowledgement, which Kafka's producer gives up after 10 to 30 s."""


class Client:
    """Use as `with`. Raises CliError where the service is away or answers with a problem."""

    def __init__(self, service: str) -> None:
        self.service, self.url = service, url(service)
        secret = token(service)
        headers = {"Authorization": f"Bearer {secret}"} if secret else {}
        self._http = httpx.Client(base_url=self.url, timeout=TIMEOUT_S, headers=headers, trust_env=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._http.close()

    def send(self, method: str, path: str, **options: Any) -> httpx.Response:
        """The answer, whatever its status."""
        try:
            return self._http.request(method, path, **options)
        except httpx.TimeoutException:
            raise CliError(f"{self.service} at {self.url} did not answer within {TIMEOUT_S:g} s") from None
        except httpx.HTTPError as error:
            raise CliError(
                f"no {self.service} at {self.url} ({error or type(error).__name__}); start it with `tocsin up`, or say "
                f"where it is with TOCSIN_CLI_{self.service.upper()}_URL"
            ) from None

    def get(self, path: str, params: list[tuple[str, str]] | None = None) -> Any:
        """The JSON of a 200."""
        answer = self.send("GET", path, params=params or [])
        if answer.status_code != 200:
            raise CliError(problem_of(answer))
        return answer.json()


def problem_of(answer: httpx.Response) -> str:
    """A problem document in a line, with the mend of each field."""
    try:
        document = answer.json()
        errors = [f"{e['field'] or 'the body'} {e['problem']}: {e['mend']}" for e in document.get("errors", ())]
        return f"{answer.status_code} {document['title']}: " + ("; ".join(errors) or str(document["detail"]))
    except (ValueError, KeyError, TypeError, AttributeError):
        return f"{answer.status_code} from {answer.request.url}: {answer.text[:200]}"
