from app.services.oauth.identities import describe_identities

shown["identities"] = run(describe_identities(user.id))
