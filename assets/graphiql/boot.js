"use strict";

(function () {
  const endpoint = "/graphql";

  const defaultQuery = [
    "# Welcome to Banyan.",
    "#",
    "# Most fields need a token. Paste it into the",
    "# Headers tab below, like this:",
    '#   {"Authorization": "Bearer <token>"}',
    "# They are forgotten with this tab.",
    "#",
    "# Ctrl-Enter runs the query, Ctrl-Space suggests.",
    "",
    "query Hello {",
    "  __typename",
    "}",
    "",
  ].join("\n");

  // The schema is everybody's: a token that has expired must not take the documentation away.
  function withoutToken(headers) {
    const kept = Object.entries(headers).filter(([name]) => name.toLowerCase() !== "authorization");
    return Object.fromEntries(kept);
  }

  function isSubscription(params, options) {
    const operations = ((options && options.documentAST) || { definitions: [] }).definitions.filter(
      (definition) => definition.kind === "OperationDefinition",
    );
    const chosen = operations.find((one) => !params.operationName || (one.name && one.name.value === params.operationName));
    return chosen !== undefined && chosen.operation === "subscription";
  }

  // The results of a stream of events, until it is complete.
  async function* results(body) {
    const reader = body.pipeThrough(new TextDecoderStream()).getReader();
    let unread = "";
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const blocks = (unread + value).split("\n\n");
      unread = blocks.pop();
      for (const block of blocks) {
        if (block.startsWith("event: complete")) return;
        const data = block.split("\n").find((line) => line.startsWith("data:"));
        if (data) yield JSON.parse(data.slice("data:".length));
      }
    }
  }

  // An iterator that GraphiQL's stop button ends at once.
  function stoppable(iterator, controller) {
    return {
      [Symbol.asyncIterator]() {
        return this;
      },
      next: () => iterator.next().catch((error) => (controller.signal.aborted ? { done: true } : Promise.reject(error))),
      return() {
        controller.abort();
        return Promise.resolve({ done: true });
      },
    };
  }

  async function fetcher(params, options) {
    const subscribes = isSubscription(params, options);
    const controller = new AbortController();
    const typed = (options && options.headers) || {};
    const headers = params.operationName === "IntrospectionQuery" ? withoutToken(typed) : typed;
    const response = await fetch(endpoint, {
      method: "POST",
      credentials: "same-origin",
      signal: controller.signal,
      headers: {
        ...headers,
        accept: subscribes ? "text/event-stream" : "application/graphql-response+json, application/json",
        "content-type": "application/json",
      },
      body: JSON.stringify(params),
    });
    if (subscribes && response.ok) {
      return stoppable(results(response.body), controller);
    }
    const text = await response.text();
    try {
      return JSON.parse(text);
    } catch {
      // Not JSON: show what came back instead of a parser error.
      const status = `HTTP ${response.status} ${response.statusText}`.trim();
      return { errors: [{ message: text ? `${status}: ${text}` : status }] };
    }
  }

  const app = React.createElement(GraphiQL, {
    fetcher,
    defaultQuery,
    defaultEditorToolsVisibility: "headers",
    isHeadersEditorEnabled: true,
    // A token is kept for this tab and no longer, and by no other one.
    storage: window.sessionStorage,
    shouldPersistHeaders: true,
  });
  ReactDOM.createRoot(document.getElementById("graphiql")).render(app);
})();
