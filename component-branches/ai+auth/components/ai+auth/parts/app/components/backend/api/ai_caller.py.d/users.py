from app.components.backend.api.ai_accounts import account_that_asks

if (caller := await account_that_asks(request, response)) is not None:
    return caller
