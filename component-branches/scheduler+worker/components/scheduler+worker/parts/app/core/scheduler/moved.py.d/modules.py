from app.core.scheduler import handover

found["handover"] = handover
