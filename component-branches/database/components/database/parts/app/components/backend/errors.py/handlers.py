from app.components.backend.outages import add_outage_handler

add_outage_handler(app)
