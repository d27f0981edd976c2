f"GET {API}/oauth",
"GET /api/auth/oauth/{name}/login",
f"POST {API}/oauth/tokens",
