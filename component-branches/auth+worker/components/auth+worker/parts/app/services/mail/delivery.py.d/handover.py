from app.services.mail.queue import hand_over

if await hand_over(mail):
    return
