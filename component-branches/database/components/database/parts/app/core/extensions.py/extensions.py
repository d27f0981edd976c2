found.append(("errors.explain", "app.core.db.outage:explain_outage"))
