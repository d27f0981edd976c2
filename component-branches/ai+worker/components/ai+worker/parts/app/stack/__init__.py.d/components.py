ai_worker,
