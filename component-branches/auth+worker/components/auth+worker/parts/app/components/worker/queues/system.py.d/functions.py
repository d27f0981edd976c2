func(send_mail, max_tries=10),
