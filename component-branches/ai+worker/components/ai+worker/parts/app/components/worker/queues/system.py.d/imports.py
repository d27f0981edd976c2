from app.components.worker.tasks.run_prompt import LONGEST_SECONDS, run_prompt
