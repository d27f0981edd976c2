from app.services.observability.commands import trace_commands

found.append(trace_commands)
