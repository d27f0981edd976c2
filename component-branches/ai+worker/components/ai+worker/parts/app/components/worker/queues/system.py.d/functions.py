func(run_prompt, timeout=LONGEST_SECONDS, max_tries=2),
