from app.components.frontend.oauth_buttons import buttons

content += buttons(action)
