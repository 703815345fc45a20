// How the page asks: GraphiQL's fetcher with the session's token on every request, introspection included, and the
// explanation that is chosen in the header. What goes wrong on the way is told to `report` in words a person can act on.

export function fetcherFor(session, endpoint, explanation, report) {
  const token = session.token;

  async function authorised(url, init) {
    const headers = new Headers(init.headers);
    // A header that was typed into the editor wins: it is the later and more deliberate choice.
    if (!headers.has("authorization")) headers.set("authorization", `Bearer ${token}`);
    const response = await fetch(url, { ...init, headers, credentials: "omit", cache: "no-store" });
    if (response.status === 401) report("refused");
    const type = response.headers.get("content-type") ?? "";
    if (/^(application\/(graphql-response\+)?json|multipart\/mixed)\b/.test(type)) return response;
    return Response.json({ errors: [{ message: `The server answered ${response.status} ${response.statusText} without a GraphQL answer.` }] });
  }

  const ask = GraphiQL.createFetcher({ url: endpoint, fetch: authorised });

  return async (params, options) => {
    const introspection = params.operationName === "IntrospectionQuery";
    if (token === "" && !options?.headers) {
      if (introspection) report("tokenless");
      return { errors: [{ message: "Nobody asks yet: paste a bearer token above." }] };
    }
    try {
      const wanted = introspection ? "" : explanation();
      const headers = wanted === "" ? {} : { "Support-Graph-Explain": wanted };
      const answer = await ask(params, { ...options, headers: { ...headers, ...options?.headers } });
      if (introspection) report(answer.data?.__schema ? "described" : "undescribed");
      return answer;
    } catch (error) {
      if (introspection) report("unreachable");
      throw error;
    }
  };
}
