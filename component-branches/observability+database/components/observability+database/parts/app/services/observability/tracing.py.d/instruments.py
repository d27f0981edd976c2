from app.services.observability.statements import trace_statements

found.append(trace_statements)
