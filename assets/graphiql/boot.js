"use strict";

(function () {
  const endpoint = "/graphql";

  const defaultQuery = [
    "# Welcome to Banyan.",
    "#",
    "# Most fields need a token. Paste it into the",
    "# Headers tab below, like this:",
    '#   {"Authorization": "Bearer <token>"}',
    "# The browser keeps these headers.",
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

  async function fetcher(params, options) {
    const typed = (options && options.headers) || {};
    const headers = params.operationName === "IntrospectionQuery" ? withoutToken(typed) : typed;
    const response = await fetch(endpoint, {
      method: "POST",
      credentials: "same-origin",
      headers: {
        ...headers,
        accept: "application/graphql-response+json, application/json",
        "content-type": "application/json",
      },
      body: JSON.stringify(params),
    });
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
    shouldPersistHeaders: true,
  });
  ReactDOM.createRoot(document.getElementById("graphiql")).render(app);
})();
